# SPDX-License-Identifier: GPL-2.0-only
"""A process that takes tokens: `python -m tests.component.token_user FOLDER TOTAL CORES ROUNDS LOG`.

Each time it holds its tokens it appends `+CORES` and then `-CORES` to LOG. With 0 rounds it takes them
once, says so, and holds them until a line comes on standard input or that is closed.
"""

import os
import sys
from pathlib import Path

from harness.schedule.amount import Amount
from harness.schedule.tokens import Tokens

FOLDER, TOTAL, CORES, ROUNDS = Path(sys.argv[1]), *map(int, sys.argv[2:5])


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    tokens = Tokens(FOLDER, Amount(TOTAL, 1000), lambda: 1_000_000, say)
    who = f"user/{CORES}"
    for _ in range(ROUNDS):
        with tokens.taken(Amount(CORES, 1), who):
            log = os.open(sys.argv[5], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(log, b"+%d\n" % CORES)
            sum(range(20_000))  # some work, so that others come meanwhile
            os.write(log, b"-%d\n" % CORES)
            os.close(log)
    if not ROUNDS:
        try:
            with tokens.taken(Amount(CORES, 1), who):
                say("granted")
                sys.stdin.readline()
        except KeyboardInterrupt:
            say("interrupted")


if __name__ == "__main__":
    main()
