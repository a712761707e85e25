"""What a refused form says."""

import re
from html import unescape

from django.http import HttpResponse


def errors(answer: HttpResponse) -> list[str]:
    """The lines of the summary above it that lead to a field."""
    page = answer.content.decode()
    summary = page[page.index('id="error-summary"') :].split("</div>")[0]
    return [unescape(each) for each in re.findall(r"<a [^>]*>(.*?)</a>", summary)]
