"""Markdown as staff writes it, turned once into the HTML that pages show."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table"])
_TAGS = {
    "a", "blockquote", "br", "code", "dd", "dl", "dt", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "th": {"scope"}, "ol": {"start"}}


def render(markdown: str) -> str:
    """Return safe HTML: no raw HTML, script or style, links to http, https and mail only; h1 is the page's own."""
    html = _PARSER.render(markdown).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    html = html.replace("<th>", '<th scope="col">')
    return nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel="noopener"
    )


def parse(markdown: str) -> SyntaxTreeNode:
    """Return a text as a tree of its parts, for what is written elsewhere than on a page."""
    return SyntaxTreeNode(_PARSER.parse(markdown))


def split_title(markdown: str) -> tuple[str, str]:
    """Split ``# Title`` off the head of a text; return title and the rest."""
    head, _, rest = markdown.lstrip().partition("\n")
    return head.removeprefix("#").strip(), rest.strip() + "\n"
