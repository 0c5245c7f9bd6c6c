"""Drain3 with its defaults on the lines of stdin: lines per second of each round, one instance, one thread."""

import logging
import sys
import time

from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig

logging.disable(logging.CRITICAL)
lines = [line.rstrip("\n") for line in sys.stdin]
rates = []
for _ in range(int(sys.argv[1])):
    miner = TemplateMiner(config=TemplateMinerConfig())
    started = time.perf_counter()
    for line in lines:
        miner.add_log_message(line)
    rates.append(round(len(lines) / (time.perf_counter() - started)))
print(*rates)
