"""The nouns behind the scripts: each module is one of them, none reads argv, only `screen` prints."""
