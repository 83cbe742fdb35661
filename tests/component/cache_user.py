# SPDX-License-Identifier: GPL-2.0-only
"""A process that uses a cache: `python -m tests.component.cache_user ROOT KEY BEHAVIOUR`.

Behaviours of its build: `plain` notes itself in ROOT.builds and writes 4 MiB; `stuck` says so and waits
for ever; `large` writes 64 MiB. It waits for a line on standard input first, so that many start at once.
"""

import sys
from pathlib import Path

from harness.cache.store import Cache
from harness.errors import HarnessError

ROOT, KEY, BEHAVIOUR = Path(sys.argv[1]), sys.argv[2], sys.argv[3]


def build(folder: Path) -> None:
    with Path(f"{ROOT}.builds").open("a") as log:
        log.write(f"{KEY}\n")
    size = 64 if BEHAVIOUR == "large" else 4
    for number in range(size):
        (folder / f"part{number}").write_bytes(bytes([number]) * (1 << 20))
    if BEHAVIOUR == "stuck":
        print("stuck", flush=True)
        sys.stdin.readline()


def main() -> int:
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        entry = Cache(ROOT, lambda text: print(text, flush=True)).get(KEY, build)
    except HarnessError as error:
        print(error, flush=True)
        return error.exit_status
    print(f"got {len(list(entry.iterdir()))} files", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
