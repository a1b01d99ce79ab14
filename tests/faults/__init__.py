"""What happens when everything that can fail does: is anything that was acked lost?"""
