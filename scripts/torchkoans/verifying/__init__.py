"""Proof of the course, for instructors: every answer green, everything else red, on every device.

`planning` says what has to be tried, `trying` tries it in this process, `workers` keep processes
for that; `auditing` holds a sample against plain pytest; `report` says what was proven.
"""
