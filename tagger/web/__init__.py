"""Answers and pages over HTTP on this machine, by Starlette and uvicorn (the extra `serve`)."""
