"""How does a file that has the right shape become a spec?"""
