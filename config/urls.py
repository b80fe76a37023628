"""Where everything is served."""

from django.urls import include, path

handler400 = "config.refusals.bad_request"
handler403 = "config.refusals.permission_denied"
handler404 = "config.refusals.not_found"
handler500 = "config.refusals.failed"

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("audit/", include("exchange.api.log_files")),
    path("api/v1/", include("exchange.api.urls")),
    path("", include("exchange.web.urls")),
]
