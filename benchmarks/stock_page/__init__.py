"""The same list as django-tables2 and django-filter bring it, behind the same sign-in, and a bare page."""
