"""Work spread over processes or machines: the same parts, the same results, in the parts' order.

    Spread.map(work, parts)      one method; who has work does not know where it is done
    ├ Here                       in this process
    ├ Forks                      a process for each core of this machine, the default of batch jobs
    └ RayCluster                 the cores of a Ray cluster, off by default (the extra `ray`)

`settings.spread_of` chooses by PERSONALIZE_LOCAL_SPREAD. How to start a cluster: docs/scaling.md.
"""
