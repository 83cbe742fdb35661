# SPDX-License-Identifier: GPL-2.0-only
"""The cause of a failed run: collects what is known of it, and writes `diagnosis.json`."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from heapq import merge

from harness.diagnose import trees
from harness.diagnose.cause import diagnose
from harness.diagnose.evidence import Evidence
from harness.diagnose.links import Handshake, all_links, handshakes
from harness.diagnose.model import LinkNow, Moment, write
from harness.diagnose.trees import Missing
from harness.outcome import Verdict
from harness.scenario import nodes
from harness.scenario.context import Context
from harness.scenario.result import Result
from harness.scenario.site import Site
from harness.scenario.standing import Looked
from harness.scenario.timeline import Timeline, console_entries, source_of


def tell(ctx: Context | None, looked: Looked, error: BaseException, result: Result,
         timeline: Timeline) -> Result:
    """Write `diagnosis.json` into the run's folder.

    :return: the result, with title and sentence
    """
    if result.run_dir is None or result.verdict is Verdict.SKIP:
        return result
    try:
        found = diagnose(_evidence(ctx, looked, error, result, timeline))
        write(found, result.run_dir)
    except Exception as bug:  # noqa: BLE001 - whatever goes wrong here must not hide the failure itself
        return replace(result, traceback=result.traceback or "".join(traceback.format_exception(bug)))
    return replace(result, title=found.title, sentence=found.sentence)


def _evidence(ctx: Context | None, looked: Looked, error: BaseException, result: Result,
              timeline: Timeline) -> Evidence:
    moments = _moments(result, timeline)
    if ctx is None:
        return Evidence(error, result.violations, moments)
    manifest = ctx.images.manifest
    talking = [desc.name for desc in manifest.consoles if desc.system is not None]
    sources = looked.sources
    given = Evidence(
        error, result.violations, moments, consoles=_everywhere(ctx, talking),
        events=_everywhere(ctx, [manifest.events] if manifest.events is not None else []),
        places=looked.places,
        names={dom: name for site in ctx.sites.values() for dom, name in ctx.names_on(site).items()},
        booted=all(site.booted for site in ctx.sites.values()),
        boot_console=_everywhere(ctx, [manifest.boot_log])[0],
        me_consoles={name: _source(ctx, place.site, place.console) for name, place in ctx.places.items()},
        missing=_missing(ctx, trees.AGENCY), no_ports=next(iter(_missing(ctx, trees.PORTS)), None),
        me_missing=dict(_me_missing(ctx)), me_faults=looked.faults,
    )
    if sources is not None:
        given = replace(given, located=sources.located, me_frame=sources.me_frame)
    return _with_links(ctx, given)


def _with_links(ctx: Context, given: Evidence) -> Evidence:
    links: list[LinkNow] = []
    waiting: list[Handshake] = []
    for site in ctx.sites.values():
        if site.watch is None:
            continue
        source = _source(ctx, site, ctx.images.manifest.events or "")
        events = [moment for moment in given.moments if moment.source == source]
        names = ctx.names_on(site)
        links += site.watch.look(partial(all_links, names=names, moments=events))
        waiting += site.watch.look(partial(handshakes, names=names, moments=events))
    return replace(given, links=links, waiting=waiting, no_backend=_no_backend(ctx))


def _moments(result: Result, timeline: Timeline) -> list[Moment]:
    """What the harness did, and all consoles, by time."""
    assert result.run_dir is not None
    run_dir = result.run_dir
    logs = [console_entries(source_of(run_dir, log), log) for log in sorted(run_dir.rglob("console-*.log"))]
    return [Moment(round((entry.ns - timeline.began) / 1e9, 6), entry.text, entry.source)
            for entry in merge(timeline.entries(), *logs)]


def _everywhere(ctx: Context, consoles: list[str]) -> list[str]:
    return [_source(ctx, site, name) for site in ctx.sites.values() for name in consoles]


def _source(ctx: Context, site: Site, console: str) -> str:
    """Name of a console in the time line."""
    return console if site.run_dir == ctx.run_dir else f"{site.run_dir.relative_to(ctx.run_dir)}/{console}"


def _missing(ctx: Context, needs: tuple[trees.Need, ...]) -> tuple[Missing, ...]:
    merged = ctx.prepared.agency
    return tuple(trees.missing(merged.tree, needs)) if merged is not None else ()


def _me_missing(ctx: Context) -> Iterator[tuple[str, Missing]]:
    for name, image in ctx.prepared.mes.items():
        for missing in trees.missing(image.tree.tree, trees.ME):
            yield name, missing
            break


def _no_backend(ctx: Context) -> dict[str, tuple[Missing, tuple[str, ...]]]:
    """Device types of which an ME that was injected has a frontend, and the agency no backend."""
    merged, found = ctx.prepared.agency, dict[str, tuple[Missing, tuple[str, ...]]]()
    for name, image in ctx.prepared.mes.items() if merged is not None else ():
        for kind in nodes.enabled(image.tree.tree, nodes.FRONTENDS) if name in ctx.places else ():
            missing = trees.lacks_backend(merged.tree, kind) if merged is not None else None
            if missing is not None:
                found[kind] = missing, (*found.get(kind, (missing, ()))[1], name)
    return found


