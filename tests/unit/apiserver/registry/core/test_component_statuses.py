"""What `kubectl get componentstatuses` shows."""

import pytest

from kubepy.api.core.v1 import ComponentCondition, ComponentStatus
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.registry.core.componentstatus import row


@pytest.mark.parametrize(
    ("conditions", "shown"),
    [
        pytest.param([("Healthy", "True", "ok", "")], ("Healthy", "ok", ""), id="healthy"),
        pytest.param([("Healthy", "False", "no", "e")], ("Unhealthy", "no", "e"), id="unhealthy"),
        pytest.param([("Other", "True", "ok", "")], ("Unknown", "", ""), id="nobody says"),
    ],
)
def test_health_is_a_word(conditions, shown):
    told = tuple(
        ComponentCondition(type=type_, status=status, message=message, error=error)
        for type_, status, message, error in conditions
    )
    component = ComponentStatus(metadata=ObjectMeta(name="etcd-0"), conditions=told)
    assert row(component, 0.0) == ("etcd-0", *shown)
