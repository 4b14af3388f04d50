"""Links in what a proxied backend answers, led back through the proxy. Pure.

A page of a pod knows nothing of `/api/v1/namespaces/x/pods/y/proxy`, where its reader sees it: what
begins with a slash there, or names the backend itself, is given that prefix. Relative links and
those to elsewhere stay. Which attributes hold links, and how a tag is written again, is Kubernetes'
choice.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit, urlunsplit

from msgspec import Struct

LINKS = {  # attributes that hold URLs, by tag
    "a": ("href",),
    "applet": ("codebase",),
    "area": ("href",),
    "audio": ("src",),
    "base": ("href",),
    "blockquote": ("cite",),
    "body": ("background",),
    "button": ("formaction",),
    "command": ("icon",),
    "del": ("cite",),
    "embed": ("src",),
    "form": ("action",),
    "frame": ("longdesc", "src"),
    "head": ("profile",),
    "html": ("manifest",),
    "iframe": ("longdesc", "src"),
    "img": ("longdesc", "src", "usemap"),
    "input": ("src", "usemap", "formaction"),
    "ins": ("cite",),
    "link": ("href",),
    "object": ("classid", "codebase", "data", "usemap"),
    "q": ("cite",),
    "script": ("src",),
    "source": ("src",),
    "video": ("poster", "src"),
}
RAW_TEXT = "iframe|noembed|noframes|plaintext|script|style|textarea|title|xmp"  # no tags within
_TOKEN = re.compile(
    r"""<!--.*?(?:-->|\Z)               # a comment
      | <[!?/][^>]*(?:>|\Z)            # a declaration, an end
      | <(?P<tag>[a-zA-Z][^\s/>]*)(?P<attributes>(?:"[^"]*"|'[^']*'|[^"'>])*)>""",
    re.VERBOSE | re.DOTALL,
)
_ATTRIBUTE = re.compile(
    r"""(?P<name>[^\s=/>][^\s=/>]*)
        (?:\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s>]*)))?""",
    re.VERBOSE,
)
_RAW_TEXT = re.compile(RAW_TEXT)


class Mount(Struct, frozen=True):
    """Where a backend is seen: as `scheme://host` (both may be empty) and below `prefix`."""

    prefix: str
    scheme: str = ""
    host: str = ""


def link(target: str, mount: Mount, backend: str, asked: str) -> str:
    """One URL, as the reader needs it. `backend` is the authority that was asked, `asked` the Host
    that the reader named."""
    try:
        url = urlsplit(target)
    except ValueError:
        return target
    if url.netloc not in ("", backend, asked) or not url.path.startswith("/"):
        return target
    scheme, host = mount.scheme, mount.host
    if url.netloc == asked and not (scheme or host):
        scheme, host = url.scheme, url.netloc
    path = url.path
    if not path.startswith(mount.prefix):
        path = joined(mount.prefix, path)
    return urlunsplit(SplitResult(scheme, host, path, url.query, url.fragment))


def joined(prefix: str, path: str) -> str:
    """Both as one clean path; a slash at the end stays."""
    found = posixpath.normpath(f"{prefix}/{path.lstrip('/')}")
    found = "/" + found.lstrip("/") if found.startswith("/") else found
    return found + "/" if path.endswith("/") and not found.endswith("/") else found


def page(text: str, rewrite: Callable[[str], str]) -> str:
    """An HTML page with its links rewritten; whatever is no opening tag stays as it is."""
    parts: list[str] = []
    at = 0
    while match := _TOKEN.search(text, at):
        parts.append(text[at : match.start()])
        at = match.end()
        if match["tag"] is None:
            parts.append(match[0])
            continue
        tag = match["tag"].lower()
        parts.append(_tag(tag, match["attributes"], rewrite))
        if _RAW_TEXT.fullmatch(tag):
            end = re.compile(rf"</{tag}[\s/>]|\Z", re.IGNORECASE).search(text, at)
            assert end is not None
            parts.append(text[at : end.start()])
            at = end.start()
    return "".join(parts) + text[at:]


def _tag(tag: str, attributes: str, rewrite: Callable[[str], str]) -> str:
    links = LINKS.get(tag, ())
    words = [tag]
    for match in _ATTRIBUTE.finditer(attributes):
        name = match["name"].lower()
        given = next((v for v in match.group("double", "single", "bare") if v is not None), "")
        value = html.unescape(given)
        if name in links:
            value = rewrite(value)
        words.append(f'{name}="{_escaped(value)}"')
    closing = "/>" if attributes.endswith("/") else ">"
    return f"<{' '.join(words)}{closing}"


def _escaped(value: str) -> str:
    return html.escape(value).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
