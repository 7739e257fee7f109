	.text
	.file	"calls.c"
	.globl	twice                           # -- Begin function twice
	.p2align	3
	.type	twice,@function
twice:                                  # @twice
# %bb.0:
	w0 = w1
	w0 <<= 1
	exit
.Lfunc_end0:
	.size	twice, .Lfunc_end0-twice
                                        # -- End function
	.section	"raw_tp/add","ax",@progbits
	.globl	add                             # -- Begin function add
	.p2align	3
	.type	add,@function
add:                                    # @add
# %bb.0:
	r6 = r1
	r1 = *(u64 *)(r6 + 0)
                                        # kill: def $w1 killed $w1 killed $r1
	call twice
	*(u32 *)(r10 - 4) = w0
	w2 = *(u32 *)(r10 - 4)
	r1 = r6
	call sum
	r1 = total ll
	lock *(u64 *)(r1 + 0) += r0
	w0 = 0
	exit
.Lfunc_end1:
	.size	add, .Lfunc_end1-add
                                        # -- End function
	.text
	.p2align	3                               # -- Begin function sum
	.type	sum,@function
sum:                                    # @sum
# %bb.0:
	r0 = 0
	if w2 == 0 goto LBB2_3
# %bb.1:
	r3 = 0
	r2 = w2
	r4 = 0
LBB2_2:                                 # =>This Inner Loop Header: Depth=1
	r0 = *(u64 *)(r1 + 0)
	r0 += r4
	r1 += 8
	r3 += 1
	r4 = r0
	if r3 < r2 goto LBB2_2
LBB2_3:
	exit
.Lfunc_end2:
	.size	sum, .Lfunc_end2-sum
                                        # -- End function
	.type	total,@object                   # @total
	.section	.bss,"aw",@nobits
	.globl	total
	.p2align	3, 0x0
total:
	.quad	0                               # 0x0
	.size	total, 8

