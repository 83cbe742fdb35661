/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_soo.c - ring, stats, refuse, shutdown: this ME and its links to the agency. */
#include <string.h>

#include "printk.h"
#include "shell.h"
#include "soo/avz.h"
#include "soo/soo.h"
#include "soo/vdummy.h"
#include "soo/vuart.h"

static int print_ring(const struct vbus_device *vdev, const struct vbus_link *link, u32 start)
{
	const struct ring *r = &link->ring;
	const volatile struct ring_page *page = r->page;

	if (!page) {
		printf("ring: %s has none\n", vdev->drv->type);
		return SHELL_FAILED;
	}
	printf("%s: req_prod=%u req_cons=%u rsp_prod=%u rsp_cons=%u req=%u rsp=%u start=%u entries=%u ref=%u "
	       "evtchn=%u\n", vdev->drv->type, page->req_prod, page->req_cons, page->rsp_prod, page->rsp_cons,
	       r->req, r->rsp, start, r->entries, link->ref, link->evtchn);
	return SHELL_OK;
}

static int cmd_ring(int argc, char **argv)
{
	const char *type = argc > 1 ? argv[1] : VDUMMY_NAME;
	const vdummy_priv_t *vdummy = vdummy_get();
	const vuart_priv_t *vuart = vuart_get();

	if (vdummy && !strcmp(type, VDUMMY_NAME))
		return print_ring(vdummy->vdev, &vdummy->link, vdummy->start);
	if (vuart && !strcmp(type, VUART_NAME))
		return print_ring(vuart->vdev, &vuart->link, 0);
	printf("ring: %s has none\n", type);
	return SHELL_FAILED;
}
SHELL_COMMAND("ring", "[vdummy|vuart]: indices of the ring, in the page and the frontend's own", cmd_ring);

static void print_link(const struct vbus_device *vdev)
{
	printf("%s: state=%u backend=%u suspends=%u resumes=%u moves=%u ", vdev->drv->type, vdev->state,
	       vdev->otherend_state, vdev->suspends, vdev->resumes, vdev->moves);
}

static void print_vdummy(const vdummy_priv_t *priv)
{
	const struct vdummy_stats *s = &priv->stats;

	print_link(priv->vdev);
	printf("sent=%lu received=%lu resent=%lu stale=%lu full=%lu notified=%lu interrupts=%lu errors=%lu\n",
	       s->sent, s->received, s->resent, s->stale, s->full, s->notified, s->interrupts, s->errors);
}

static void print_vuart(const vuart_priv_t *priv)
{
	const struct vuart_stats *s = &priv->stats;

	print_link(priv->vdev);
	printf("sent=%lu received=%lu dropped=%lu notified=%lu interrupts=%lu\n", s->sent, s->received,
	       s->dropped, s->notified, s->interrupts);
}

static int cmd_stats(int argc __unused, char **argv __unused)
{
	const vdummy_priv_t *vdummy = vdummy_get();
	const vuart_priv_t *vuart = vuart_get();

	if (vdummy)
		print_vdummy(vdummy);
	if (vuart)
		print_vuart(vuart);
	if (vdummy || vuart)
		return SHELL_OK;
	printf("stats: no frontend\n");
	return SHELL_FAILED;
}
SHELL_COMMAND("stats", "counters of the frontends", cmd_stats);

static int cmd_refuse(int argc, char **argv)
{
	bool on = argc == 2 && !strcmp(argv[1], "on");

	if (!on && (argc != 2 || strcmp(argv[1], "off"))) {
		printf("usage: refuse on|off\n");
		return SHELL_USAGE;
	}
	soo_refuse(on);
	return SHELL_OK;
}
SHELL_COMMAND("refuse", "on|off: refuse suspends and terminations that the agency asks for", cmd_refuse);

static int cmd_shutdown(int argc __unused, char **argv __unused)
{
	if (!avz_present()) {
		printf("shutdown: no agency\n");
		return SHELL_FAILED;
	}
	return soo_terminate() ? SHELL_FAILED : SHELL_OK;
}
SHELL_COMMAND("shutdown", "leave the agency: close devices, remove entries, end", cmd_shutdown);
