// A program that calls functions of another section, one of them by a distance from the start of the section:
// what `tests/objects.rs` reads as an object, as listings and as assembly.
//
// clang-19 -O2 -target bpf -mcpu=v3 -c calls.c -o calls.o
// clang-19 -O2 -target bpf -mcpu=v3 -S calls.c -o calls.s
// llvm-objdump-14 -dr calls.o > calls.dump
// bpf-objdump -dr --no-show-raw-insn calls.o > calls.gas

#define SEC(name) __attribute__((section(name), used))

typedef unsigned int u32;
typedef unsigned long long u64;

u64 total;

__attribute__((noinline)) u32 twice(u32 x)
{
	return x * 2;
}

static __attribute__((noinline)) u64 sum(volatile u64 *from, u32 count)
{
	u64 sum = 0;
	for (u32 i = 0; i < count; i++)
		sum += from[i];
	return sum;
}

SEC("raw_tp/add") int add(u64 *context)
{
	u32 stack = 0;
	volatile u32 *place = &stack;
	*place = twice(context[0]);
	__sync_fetch_and_add(&total, sum(context, *place));
	return 0;
}
