"""Do the shipped vendor files keep what every vendor is promised?"""
