busy:
  lddw %r1,hits
  ldxdw %r0,[%r1+0]
  lddw %r1,turn
  ldxw %r1,[%r1+0]
  add %r0,%r1
  exit
send:
  mov32 %r6,1
  stxw [%r10-4],%r6
  mov %r2,%r10
  add %r2,-4
  lddw %r1,slots
  call 1
  jeq %r0,0,send_1
  mov %r1,42
  stxdw [%r0+0],%r1
  stxw [%r0+8],%r6
send_1:
  mov32 %r0,0
  exit
receive:
  mov32 %r6,1
  stxw [%r10-4],%r6
  mov %r2,%r10
  add %r2,-4
  lddw %r1,slots
  call 1
  mov32 %r1,0
  jeq %r0,0,receive_2
  ldxw %r2,[%r0+8]
  ldxdw %r1,[%r0+0]
  jeq32 %r2,0,receive_1
  mov32 %r6,%r1
receive_1:
  mov32 %r1,%r6
receive_2:
  mov32 %r0,%r1
  exit
count:
  call bpf_rcu_read_lock
  mov %r1,1
  lddw %r2,hits
  aadd [%r2+0],%r1
  mov32 %r1,1
  lddw %r2,owner
  mov32 %r0,0
  acmp32 [%r2+0],%r1
  jeq32 %r0,0,count_1
  mov32 %r1,0
count_1:
  and32 %r1,1
  jne32 %r1,0,count_2
  lddw %r1,turn
  ldxw %r0,[%r1+0]
  ja count_3
count_2:
  call bpf_rcu_read_unlock
  call busy
count_3:
  exit
