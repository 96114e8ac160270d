"""The dashboard: `streamlit run dashboard/app.py`, which `isocortex dashboard` does.

Streamlit finds `app` here and serves it. Two things are added to what it serves: a policy that
keeps the browser from asking anybody else for anything, and where the server is, which the page
would otherwise find out by knocking at addresses that do not exist.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HERE = "<script>window.__streamlit={BACKEND_BASE_URL:window.location.origin}</script>"
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "connect-src 'self' ws: wss: data: blob:; frame-ancestors 'self'"
)


class OnThisMachine:
    """Middleware that adds the policy and the server's place to Streamlit's page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asked = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if "text/html" not in asked.get("accept", ""):
            await self.app(scope, receive, send)
            return
        # The page is written to below, so it must not arrive here compressed.
        plain = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        scope = {**scope, "headers": plain}
        begun: list[Message] = []
        body: list[bytes] = []

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers["content-security-policy"] = POLICY
                    begun.append(message)  # its length is known at the end only
                    return
            elif begun:
                body.append(message.get("body", b""))
                if message.get("more_body"):
                    return
                page = b"".join(body)
                if page:
                    page = page.replace(b"<head>", f"<head>{HERE}".encode(), 1)
                    MutableHeaders(scope=begun[0])["content-length"] = str(len(page))
                await send(begun[0])
                await send({"type": "http.response.body", "body": page})
                return
            await send(message)

        await self.app(scope, receive, sent)


app = st.App(
    Path(__file__).parent / "frame" / "navigation.py", middleware=[Middleware(OnThisMachine)]
)
