//! What the functions of the kernel that programs call do to memory.

/// What a call does, as far as other threads can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Nothing.
    None,
    /// Orders all accesses before it with all behind it.
    FullBarrier,
    /// Takes the spin lock that `r1` points to, as soon as nobody has it.
    Lock,
    /// Takes the spin lock that `r1` points to (result 0), or gives up (result −110, `-ETIMEDOUT`).
    TryLock,
    /// Gives the spin lock back that `r1` points to.
    Unlock,
    /// Begins an RCU read-side critical section.
    RcuLock,
    /// Ends it.
    RcuUnlock,
    /// Waits for a grace period.
    RcuSync,
}

impl Effect {
    /// All of them, with their names in tests: `call bpf_foo with full-barrier`.
    pub const ALL: [(&'static str, Effect); 8] = [
        ("none", Effect::None),
        ("full-barrier", Effect::FullBarrier),
        ("lock", Effect::Lock),
        ("try-lock", Effect::TryLock),
        ("unlock", Effect::Unlock),
        ("rcu-lock", Effect::RcuLock),
        ("rcu-unlock", Effect::RcuUnlock),
        ("rcu-sync", Effect::RcuSync),
    ];

    /// The effect of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Effect> {
        Effect::ALL.iter().find(|(known, _)| *known == name).map(|(_, effect)| *effect)
    }

    /// What it is called in tests.
    #[must_use]
    pub fn name(self) -> &'static str {
        Effect::ALL.iter().find(|(_, effect)| *effect == self).map_or("", |(name, _)| name)
    }
}

/// What a call leaves in `r0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Returns {
    /// Nothing that a program may look at, or what the effect says.
    Nothing,
    /// Zero.
    Zero,
    /// Something that depends on what is outside of a test: a run that needs it can't be simulated.
    Anything,
}

/// A function of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// The number that helpers have (`include/uapi/linux/bpf.h`); functions with BTF (kfuncs) have none.
    pub helper: Option<i32>,
    /// What it does.
    pub effect: Effect,
    /// Its result.
    pub returns: Returns,
}

const fn helper(name: &'static str, number: i32, effect: Effect, returns: Returns) -> Function {
    Function { name, helper: Some(number), effect, returns }
}

const fn kfunc(name: &'static str, effect: Effect, returns: Returns) -> Function {
    Function { name, helper: None, effect, returns }
}

/// The functions whose effects are known. `synchronize_rcu` and `smp_mb` can't be called from BPF; they are there for
/// threads that stand for the kernel.
pub const FUNCTIONS: &[Function] = &[
    helper("bpf_map_lookup_elem", 1, Effect::None, Returns::Anything),
    helper("bpf_ktime_get_ns", 5, Effect::None, Returns::Anything),
    helper("bpf_trace_printk", 6, Effect::None, Returns::Anything),
    helper("bpf_get_prandom_u32", 7, Effect::None, Returns::Anything),
    helper("bpf_get_smp_processor_id", 8, Effect::None, Returns::Anything),
    helper("bpf_get_current_pid_tgid", 14, Effect::None, Returns::Anything),
    helper("bpf_get_current_uid_gid", 15, Effect::None, Returns::Anything),
    helper("bpf_get_cgroup_classid", 17, Effect::None, Returns::Anything),
    helper("bpf_perf_event_output", 25, Effect::None, Returns::Anything),
    helper("bpf_get_stackid", 27, Effect::None, Returns::Anything),
    helper("bpf_get_current_task", 35, Effect::None, Returns::Anything),
    helper("bpf_get_numa_node_id", 42, Effect::None, Returns::Anything),
    helper("bpf_get_current_cgroup_id", 80, Effect::None, Returns::Anything),
    helper("bpf_spin_lock", 93, Effect::Lock, Returns::Zero),
    helper("bpf_spin_unlock", 94, Effect::Unlock, Returns::Zero),
    helper("bpf_send_signal", 109, Effect::None, Returns::Anything),
    helper("bpf_jiffies64", 118, Effect::None, Returns::Anything),
    helper("bpf_ktime_get_boot_ns", 125, Effect::None, Returns::Anything),
    helper("bpf_get_current_task_btf", 158, Effect::None, Returns::Anything),
    helper("bpf_ktime_get_coarse_ns", 160, Effect::None, Returns::Anything),
    helper("bpf_get_func_ip", 173, Effect::None, Returns::Anything),
    helper("bpf_get_attach_cookie", 174, Effect::None, Returns::Anything),
    helper("bpf_ktime_get_tai_ns", 208, Effect::None, Returns::Anything),
    kfunc("bpf_res_spin_lock", Effect::TryLock, Returns::Nothing),
    kfunc("bpf_res_spin_unlock", Effect::Unlock, Returns::Nothing),
    kfunc("bpf_res_spin_lock_irqsave", Effect::TryLock, Returns::Nothing),
    kfunc("bpf_res_spin_unlock_irqrestore", Effect::Unlock, Returns::Nothing),
    kfunc("bpf_rcu_read_lock", Effect::RcuLock, Returns::Nothing),
    kfunc("bpf_rcu_read_unlock", Effect::RcuUnlock, Returns::Nothing),
    kfunc("bpf_preempt_disable", Effect::None, Returns::Nothing),
    kfunc("bpf_preempt_enable", Effect::None, Returns::Nothing),
    kfunc("synchronize_rcu", Effect::RcuSync, Returns::Nothing),
    kfunc("smp_mb", Effect::FullBarrier, Returns::Nothing),
];

/// The function of that name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// The helper of that number.
#[must_use]
pub fn by_number(number: i32) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.helper == Some(number))
}
