"""Names of static files: with a hash and for ever in installations, plain in a checkout where nothing is collected."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):
    # Vendored files stay byte for byte what their authors published; their source maps are not shipped.
    patterns = tuple(
        (glob, tuple(rule for rule in rules if "sourceMappingURL" not in str(rule)))
        for glob, rules in HashedFilesMixin.patterns
        if glob == "*.css"
    )

    def stored_name(self, name: str) -> str:
        """The hashed name; strict once files were collected, so that a missing one is found by the first page."""
        return super().stored_name(name) if self.hashed_files else name
