"""Can the store be written at this moment?"""

from adapter.store.store import Store
from adapter.store.transaction import StoreFailed

OK = "ok"


async def state(store: Store) -> str:
    """OK, or why not. Asks the database where it has just failed."""
    try:
        await store.check()
    except StoreFailed as failure:
        return str(failure)
    return OK
