"""Do stored events reach those who wait for them?"""
