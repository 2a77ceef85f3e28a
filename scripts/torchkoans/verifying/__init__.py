"""Proof of the course, for instructors: every answer green, everything else red, on every device.

`planning` says what has to be tried, `trying` tries it in one process, `crew` has `workers` do so,
`judging` says what is not as it should be; `auditing` holds a sample against plain pytest, `proof`
leads all of that, `report` says what was proven.
"""
