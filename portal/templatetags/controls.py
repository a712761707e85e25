"""Form controls with the classes and attributes that components/field.html relies on."""

from functools import lru_cache

from django import forms, template
from django.forms.boundfield import BoundField, BoundWidget
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from portal.web.kept_words import in_words
from portal.web.payments.called import asked_by, decided_by

register = template.Library()
register.filter("asked_by", asked_by)
register.filter("decided_by", decided_by)
register.filter("in_words", in_words)


@register.filter
def widget_kind(field: BoundField) -> str:
    """``checkbox``, ``choices`` (one input a choice), ``select``, ``password`` or ``text``."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, forms.Select):
        return "select"
    return "password" if isinstance(widget, forms.PasswordInput) else "text"


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The widget of a bound field, dressed; classes of the form itself are kept."""
    dress = {"checkbox": "form-check-input", "select": "form-select"}.get(widget_kind(field), "form-control")
    own = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{dress} {own}".strip()})


@register.simple_tag
def choice_control(choice: BoundWidget) -> SafeString:
    """One radio button or check box of a field with several."""
    choice.data["attrs"]["class"] = "form-check-input"
    return choice.tag()


@register.simple_tag
def script_texts() -> SafeString:
    """What the scripts say: the same on every page of a language, so written once a process."""
    return _script_texts(get_language() or "")


@lru_cache(maxsize=16)
def _script_texts(language: str) -> SafeString:
    return render_to_string("components/script_texts.html")
