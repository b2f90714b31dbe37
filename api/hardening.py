"""What every answer tells the browser not to do: one set of security headers, without exception."""

from collections.abc import Mapping

# Nothing inline, nothing from elsewhere, no frame around us. Pictures may be data: URLs, since Swagger UI draws its
# icons so.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
# For a year, and for this host alone: whether all others of a hospital's domain speak TLS is not ours to promise.
STRICT_TRANSPORT_SECURITY = "max-age=31536000"
SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with that, browsers send our own forms with `Origin: null`, and sign-in checks the origin.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), payment=(), usb=()",
    # A page that a search machine of the house's network keeps is one that nobody can take back.
    "X-Robots-Tag": "noindex, nofollow",
    "X-Permitted-Cross-Domain-Policies": "none",
}
