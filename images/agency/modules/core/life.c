// SPDX-License-Identifier: GPL-2.0-only
/*
 * life.c - suspend, resume and shutdown of an ME, as the agency's programs ask for them.
 *
 * Each of them may meet the end of the ME at any step: whoever waits then is woken and gets -ENODEV.
 */
#include <linux/jiffies.h>
#include <linux/minmax.h>

#include <soo/dcomm.h>
#include <soo/domain.h>
#include <soo/events.h>
#include <soo/fault.h>
#include <soo/vbus.h>

/* No request takes longer, whatever the program asks for. */
#define TIMEOUT_MAX_MS	60000u

/* How long devices may take to come back from a suspend that failed. */
#define ROLLBACK_MS	1000

/* How long the host of an ended ME may take to write out its console, and to go when killed. */
#define GRACE_MS	3000
#define KILL_MS		10000

static unsigned long deadline(unsigned int timeout_ms)
{
	return jiffies + msecs_to_jiffies(min(timeout_ms, TIMEOUT_MAX_MS));
}

static int suspend_locked(struct soo_domain *dom, unsigned long until)
{
	int err;

	if (dom->state != ME_STATE_LIVING)
		return -EBUSY;
	err = dcomm_send(dom, DC_PRE_SUSPEND, until);
	if (err) {
		soo_fault_on_refusal(dom);
		return err;
	}
	err = vbus_suspend_domain(dom, until);
	if (err)
		goto resume_devices;
	err = dcomm_send(dom, DC_SUSPEND, until);
	if (err)
		goto resume_devices;
	soo_domain_set_state(dom, ME_STATE_SUSPENDED);
	return 0;

resume_devices:
	/*
	 * The ME goes on: devices that came as far as Suspended are not to stay there, nor is an ME
	 * to rest that answered too late. RESUME does nothing to one that does not rest.
	 */
	if (err == -ETIMEDOUT)
		dcomm_send(dom, DC_RESUME, deadline(ROLLBACK_MS));
	vbus_resume_domain(dom, deadline(ROLLBACK_MS));
	return err;
}

int soo_me_suspend(struct soo_domain *dom, unsigned int timeout_ms)
{
	int err = mutex_lock_interruptible(&dom->life_lock);

	if (err)
		return err;
	err = suspend_locked(dom, deadline(timeout_ms));
	mutex_unlock(&dom->life_lock);
	return err;
}

static bool is_at_rest(const struct soo_domain *dom)
{
	/* Resuming: it was restored, or did not answer in time to an earlier attempt. */
	return dom->state == ME_STATE_SUSPENDED || dom->state == ME_STATE_HIBERNATE ||
	       dom->state == ME_STATE_RESUMING;
}

static int resume_locked(struct soo_domain *dom, unsigned long until)
{
	int err;

	if (!is_at_rest(dom))
		return -EBUSY;
	soo_domain_set_state(dom, ME_STATE_RESUMING);
	err = dcomm_send(dom, DC_RESUME, until);
	if (err)
		return err;
	if (dom->incarnation && !READ_ONCE(dom->probed)) {
		soo_event("error report dev=soo/me/%u code=%d text=no-probe-after-restore", dom->domid,
			  -EPROTO);
		return -EPROTO;
	}
	err = vbus_resume_domain(dom, until);
	if (err)
		return err;
	soo_domain_set_state(dom, ME_STATE_LIVING);
	soo_fault_on_resume(dom);
	return 0;
}

int soo_me_resume(struct soo_domain *dom, unsigned int timeout_ms)
{
	int err = mutex_lock_interruptible(&dom->life_lock);

	if (err)
		return err;
	err = resume_locked(dom, deadline(timeout_ms));
	mutex_unlock(&dom->life_lock);
	return err;
}

int soo_me_save(struct soo_domain *dom)
{
	int err = -EBUSY;

	/* Not to wait: who holds the lock may itself wait for the caller's CPU. */
	if (!mutex_trylock(&dom->life_lock))
		return err;
	if (dom->state == ME_STATE_SUSPENDED || dom->state == ME_STATE_HIBERNATE) {
		soo_domain_set_state(dom, ME_STATE_HIBERNATE);
		err = 0;
	}
	mutex_unlock(&dom->life_lock);
	return err;
}

int soo_me_shutdown(struct soo_domain *dom, unsigned int timeout_ms)
{
	int err = mutex_lock_interruptible(&dom->life_lock);

	if (err)
		return err;
	err = is_at_rest(dom) ? -EBUSY : dcomm_send(dom, DC_FORCE_TERMINATE, deadline(timeout_ms));
	mutex_unlock(&dom->life_lock);
	if (dom->state == ME_STATE_TERMINATED) {
		/* Its host ends by itself, when the last lines of the console are out. */
		err = 0;
		if (soo_domain_wait_end(dom, GRACE_MS))
			return 0;
	}
	return err ? err : soo_domain_kill(dom, KILL_MS);
}
