"""
`scripts/chaos`: three real nodes at work while everything that can break does, and what must hold afterwards.

`nodes` are the processes with their disks and clocks, `lines` what lies between them, `people` who works, `faults`
what is done to them, `checks` what is demanded at the end; docs/reliability.md tells it in words.
"""
