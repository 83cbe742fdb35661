/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * module.h - a module's start and end become functions named after it, host_init_<fn>() and
 * host_exit_<fn>(); a parameter is set through host_param_<name>.
 */
#ifndef HOST_LINUX_MODULE_H
#define HOST_LINUX_MODULE_H

#include <linux/kernel.h>

struct module;

#define THIS_MODULE		((struct module *)NULL)
#define EXPORT_SYMBOL_GPL(name)	_Static_assert(1, #name)
#define MODULE_LICENSE(text)	_Static_assert(1, text)
#define MODULE_DESCRIPTION(text)	_Static_assert(1, text)
#define MODULE_PARM_DESC(name, text)	_Static_assert(1, text)
#define module_init(fn)		int host_init_##fn(void); int host_init_##fn(void) { return fn(); } \
				_Static_assert(1, #fn)
#define module_exit(fn)		void host_exit_##fn(void); void host_exit_##fn(void) { fn(); } \
				_Static_assert(1, #fn)
#define module_param(name, type, mode)	char **const host_param_##name = &name

#endif /* HOST_LINUX_MODULE_H */
