// What GNU's assembler (binutils 2.40) makes of symbols: instructions have their values, and relocations add them again.
//
// bpf-gcc-12 -O2 -c gnu.c -o gnu.o

typedef unsigned long long u64;

u64 first, second;

__attribute__((noinline)) u64 twice(u64 x)
{
	return x * 2;
}

__attribute__((noinline)) u64 more(u64 x)
{
	return x + second;
}

__attribute__((section("raw_tp/add"))) int add(u64 *context)
{
	first = more(context[0]);
	second = twice(context[1]);
	return 0;
}
