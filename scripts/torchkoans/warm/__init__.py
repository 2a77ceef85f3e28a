"""Koans run in processes that are warm: torch and pytest are there before the learner saves.

`engine` is the watching process's end, and holds each `process` that it has started. A `server` has
a configured pytest session and forks a `spare` child for each job; where forking is not safe, spare
processes wait instead. What a spare does with a job is in `judging`, how it is kept from doing harm
in `limits`, and what its death means in `doing`.
"""
