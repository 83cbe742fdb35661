/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * snapshot.h - a saved ME, in a file or on a block device.
 *
 *   struct snapshot_header
 *   nr_regs  x struct snapshot_reg      the CPU, its timer included; KVM's numbers
 *   nr_gic   x struct snapshot_gic      the vGIC; KVM's groups and attributes, in the order to restore
 *   nr_pages x struct snapshot_page     memory that is not zero, by rising address
 *
 * The checksum covers every byte from SNAPSHOT_CHECKED to the end, and the bytes before it can each
 * be told wrong by themselves. The two shared pages are not in it: a restored ME gets fresh ones.
 */
#ifndef ABI_SNAPSHOT_H
#define ABI_SNAPSHOT_H

#include "soo.h"

#define SNAPSHOT_REVISION	1u
#define SNAPSHOT_TYPED_MAX	1024u

struct snapshot_header {
	u32 signature;		/* SOO_SIGNATURE */
	u32 revision;		/* SNAPSHOT_REVISION */
	u64 length;		/* bytes of all of it, this header included */
	u32 crc;		/* CRC-32 (IEEE 802.3) */
	u32 header_size;
	u64 spid;
	u64 ram_base;		/* from here to uart_spi: of the ME's device tree */
	u64 ram_size;
	u64 shared;
	u64 avz_base;
	u64 uart_base;
	u64 gic_dist;
	u64 gic_redist;
	u32 avz_spi;
	u32 uart_spi;
	u32 incarnation;	/* of the ME when it was saved */
	u32 slot;		/* where it was */
	u32 nr_regs;
	u32 nr_gic;
	u32 nr_pages;
	u32 uart_mask;		/* UARTIMSC */
	u32 typed;		/* bytes typed that the ME had not read */
	u32 pad;
	char name[SOO_ME_NAME_SIZE];
	char shortdesc[SOO_ME_SHORTDESC_SIZE];
	u8 typed_text[SNAPSHOT_TYPED_MAX];
};
ABI_SIZE(struct snapshot_header, 128 + 40 + 1024 + 1024);
ABI_OFFSET(struct snapshot_header, spid, 24);
ABI_OFFSET(struct snapshot_header, incarnation, 96);
ABI_OFFSET(struct snapshot_header, name, 128);

#define SNAPSHOT_CHECKED	20u	/* header_size, and all that follows */

struct snapshot_reg {
	u64 id;
	u8 value[16];		/* as many bytes as the number says; the rest is zero */
};
ABI_SIZE(struct snapshot_reg, 24);

struct snapshot_gic {
	u32 group;
	u32 pad;
	u64 attr;
	u64 value;
};
ABI_SIZE(struct snapshot_gic, 24);

struct snapshot_page {
	u64 addr;		/* as the ME numbers it */
	u8 data[ABI_PAGE_SIZE];
};
ABI_SIZE(struct snapshot_page, 8 + 4096);

#endif /* ABI_SNAPSHOT_H */
