"""Pairs at one keyboard, and the room that they are in.

A session is its log (`events`, `log`); what stands in it is folded into a `session`. `door` is the
walk with a pair at it, `clock` keeps its time, `handover` carries koans to a work branch. `courier`
brings the log to a `room`: a folder, or the `server` of a facilitator, which keeps it in a `store`.
`board` and `retro` make pages of what all logs of a room say.
"""
