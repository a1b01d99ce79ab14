"""Where do new and corrected events go? To the sinks of the deployment, by the same rule as on the way in."""

from adapter.cli.deployed import Deployed
from adapter.delivery import route as routing
from adapter.store.rows import Route


def route(found: Deployed) -> Route:
    """Without a deployment there are no sinks."""
    return routing.route(found.deployment.sinks.values() if found.deployment else ())
