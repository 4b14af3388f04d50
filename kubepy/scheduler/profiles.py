"""Which plugins a profile has: Kubernetes' default set, as the configuration changes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kubepy.base.flags import UsageError
from kubepy.scheduler.config import KubeSchedulerConfiguration, Plugins, SchedulerProfile
from kubepy.scheduler.framework import Plugin, Profile
from kubepy.scheduler.plugins import ELSEWHERE, PLUGINS, UNSUPPORTED, WEIGHTS

_FILTER_POINTS = ("preFilter", "filter")
_SCORE_POINTS = ("preScore", "score")


def profiles(config: KubeSchedulerConfiguration) -> dict[str, Profile]:
    """The profiles by schedulerName. Raises UsageError."""
    return {
        wanted.schedulerName: _profile(wanted, config.percentageOfNodesToScore)
        for wanted in config.profiles
    }


def _profile(wanted: SchedulerProfile, percentage: int) -> Profile:
    args = {config.name: config.args for config in wanted.pluginConfig}
    weights = _selected(wanted.plugins)
    plugins = {name: _make(name, args.get(name, {})) for name in weights}
    filters = _at_points(wanted.plugins, _FILTER_POINTS, plugins)
    scorers = _at_points(wanted.plugins, _SCORE_POINTS, plugins)
    return Profile(
        wanted.schedulerName,
        filters=tuple(plugin for plugin in filters if _has(plugin, "filter")),
        scorers=tuple((p, weights[p.name]) for p in scorers if _has(p, "score")),
        percentage_of_nodes_to_score=wanted.percentageOfNodesToScore or percentage,
    )


def _selected(plugins: Plugins) -> dict[str, int]:
    """The names of all plugins that a profile has anywhere, in order, with their weights."""
    weights = {name: WEIGHTS.get(name, 1) for name in PLUGINS}
    multi = plugins.multiPoint
    off = {ref.name for ref in multi.disabled}
    if "*" in off:
        weights = {}
    for name in off:
        weights.pop(name, None)
    for point in (multi, plugins.preFilter, plugins.filter, plugins.preScore, plugins.score):
        for ref in point.enabled:
            if ref.name not in ELSEWHERE:
                weights[ref.name] = ref.weight or weights.get(ref.name, WEIGHTS.get(ref.name, 1))
    return weights


def _at_points(
    plugins: Plugins, points: tuple[str, ...], made: Mapping[str, Plugin]
) -> list[Plugin]:
    """Those of `made` that are not switched off at these extension points."""
    enabled = {ref.name for point in points for ref in getattr(plugins, point).enabled}
    disabled = {ref.name for point in points for ref in getattr(plugins, point).disabled}
    return [
        plugin for name, plugin in made.items() if name in enabled or not disabled & {name, "*"}
    ]


def _make(name: str, args: Mapping[str, Any]) -> Plugin:
    make = PLUGINS.get(name)
    if make is None:
        word = "not supported yet" if name in UNSUPPORTED else "does not exist"
        raise UsageError(f"profiles: plugin {name} {word}")
    plain = {key: value for key, value in args.items() if key not in ("apiVersion", "kind")}
    try:
        return make(plain)
    except (msgspec.ValidationError, ValueError) as error:
        raise UsageError(f"pluginConfig: {name}: {error}") from error


def _has(plugin: Plugin, opinion: str) -> bool:
    return getattr(type(plugin), opinion) is not getattr(Plugin, opinion)
