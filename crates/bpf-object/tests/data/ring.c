// Two programs that pass a message, one that counts, and a lock: what `tests/objects.rs` reads.
//
// clang-19 -O2 -g -ffile-prefix-map=$PWD=. -target bpf -mcpu=v3 -c ring.c -o ring.o && llvm-strip-19 -g ring.o
// clang-19 -O2 -target bpfeb -mcpu=v3 -c ring.c -o ring-be.o

#define SEC(name) __attribute__((section(name), used))

typedef unsigned int u32;
typedef unsigned long long u64;

struct slot {
	u64 data;
	u32 ready;
	u32 seen;
};

struct {
	int (*type)[2];
	int (*max_entries)[4];
	u32 *key;
	struct slot *value;
} slots SEC(".maps");

u64 hits;
u32 owner, turn = 7;

static void *(*lookup)(void *map, const void *key) = (void *)1;
static void (*trace)(const char *format, u32 size) = (void *)6;
extern void bpf_rcu_read_lock(void) SEC(".ksyms");
extern void bpf_rcu_read_unlock(void) SEC(".ksyms");

SEC("raw_tp/send") int send(u64 *context)
{
	u32 key = 1;
	struct slot *slot = lookup(&slots, &key);
	if (!slot)
		return 0;
	*(volatile u64 *)&slot->data = 42;
	*(volatile u32 *)&slot->ready = 1;
	return 0;
}

SEC("raw_tp/receive") int receive(u64 *context)
{
	u32 key = 1;
	struct slot *slot = lookup(&slots, &key);
	if (!slot)
		return 0;
	u32 ready = *(volatile u32 *)&slot->ready;
	u64 data = *(volatile u64 *)&slot->data;
	return ready ? data : 1;
}

static __attribute__((noinline)) u64 busy(u64 *counter)
{
	return *(volatile u64 *)counter + turn;
}

SEC("raw_tp/count") int count(u64 *context)
{
	bpf_rcu_read_lock();
	__sync_fetch_and_add(&hits, 1);
	if (__sync_val_compare_and_swap(&owner, 0, 1) != 0)
		return *(volatile u32 *)&turn;
	bpf_rcu_read_unlock();
	return busy(&hits);
}

char LICENSE[] SEC("license") = "GPL";
