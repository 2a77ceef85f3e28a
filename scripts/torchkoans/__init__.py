"""The nouns behind the scripts.

Each module is one of them, none reads argv, only `screen` prints.
"""
