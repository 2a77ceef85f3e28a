"""A newer course, brought into a folder in which a learner has worked.

`upstream` finds it, `planning` says what would change, `carrying` takes answers along, and
`installing` exchanges the files so that an interruption loses nothing. It is imported before all
else, when half of the files may be new: this package imports nothing by itself.
"""
