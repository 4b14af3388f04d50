async def measure() -> dict[str, float]:
    return {}
