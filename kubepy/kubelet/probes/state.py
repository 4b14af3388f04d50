"""A probe as a state machine: outcomes in, a result out once a threshold is passed."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.core.v1 import Container, EphemeralContainer, Probe
from kubepy.kubelet.pod.plan import Probes

Kind = Literal["startup", "liveness", "readiness"]
KINDS: tuple[Kind, ...] = ("startup", "liveness", "readiness")


class ProbeState(Struct, frozen=True):
    """What is known of one probe of one container.

    result: None until a threshold was passed for the first time (startup), otherwise what holds.
    run: how often in a row the outcome was `last`.
    """

    kind: Kind
    result: bool | None
    last: bool | None = None
    run: int = 0


def begin(kind: Kind) -> ProbeState:
    """A container is not started, is alive and is not ready, until its probes say otherwise."""
    return ProbeState(kind, {"startup": None, "liveness": True, "readiness": False}[kind])


def advance(state: ProbeState, probe: Probe, outcome: bool) -> ProbeState:
    """The state after one more check."""
    run = state.run + 1 if state.last is outcome else 1
    threshold = (probe.successThreshold if outcome else probe.failureThreshold) or (
        1 if outcome else 3
    )
    result = outcome if run >= threshold else state.result
    return replace(state, last=outcome, run=run, result=result)


def is_over(state: ProbeState) -> bool:
    """Whether no more checks are needed: started, or doomed to be restarted."""
    if state.kind == "startup":
        return state.result is not None
    return state.kind == "liveness" and state.result is False


def probe_of(container: Container | EphemeralContainer, kind: Kind) -> Probe | None:
    found: Probe | None = getattr(container, f"{kind}Probe")
    return found


def recovered(previous_ready: bool) -> ProbeState:
    """The readiness of a container that ran before this kubelet did: as it was reported."""
    return ProbeState("readiness", previous_ready)


def summary(states: dict[Kind, ProbeState]) -> Probes:
    """The results as plans and statuses take them; None where there is no such probe."""
    return Probes(**{kind: state.result for kind, state in states.items()})
