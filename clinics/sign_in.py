"""How the sign-in library is fitted to this site: accounts by invitation, and no typed text lost on the way."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.forms import LoginForm
from allauth.account.internal.flows import reauthentication
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.stages import LoginStageController
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sites.shortcuts import get_current_site
from django.core.mail import EmailMessage
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_POST

from clinics import carried, devices, second_factor, security, sign_in_log
from clinics.addresses import client_address
from clinics.models import User
from clinics.second_factor import CodeForm, PasskeyForm

SECOND = "second"
POST_OFFICE = ThreadPoolExecutor(max_workers=1, thread_name_prefix="account-mail")
logger = logging.getLogger(__name__)


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves: a clinic admits its people."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try before a password is hashed, whether or not there is such an account.

        A browser that somebody signed in with before has tries of its own: who guesses from elsewhere uses up
        theirs, and locks nobody out.
        """
        email = str(credentials.get("email", ""))
        known = devices.is_known(request, email)
        self._login_failed_rl_usage = ratelimit.consume(
            request,
            app="allauth.account",
            action="sign_in_known" if known else "login_failed",
            key=f"{email.lower()}",
        )
        if not self._login_failed_rl_usage:
            sign_in_log.locked(email, method="password")
            raise self.validation_error(sign_in_log.TOO_MANY)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        sign_in_log.refused(str(credentials.get("email", "")), method="password")

    def reauthenticate(self, user: User, password: str) -> bool:
        """The library looks among addresses that were confirmed by mail; here an account has one, the clinic's."""
        if self.authenticate(context.request, email=user.email, password=password) != user:
            return False
        sign_in_log.confirmed(user, method="password")
        return True

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who signed in or confirmed it in the last five minutes isn't asked again."""
        records = get_authentication_records(context.request, context.request.user)
        latest = max((record["at"] for record in records), default=0)
        return time.time() - latest >= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """What comes after the right password belongs to another session key than what came before it."""
        request.session.cycle_key()
        return super().pre_login(request, user, **kwargs)

    def login(self, request: HttpRequest, user: User) -> None:
        methods = sign_in_log.came_in(request, user)
        super().login(request, user)
        if "recovery_codes" in methods:
            self.send_notification_mail("mfa/email/recovery_code_used", user)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        devices.remember(request, response, user.email)
        security.keep_newest(user)
        return response

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            sign_in_log.by_person("sign out", request.user)
        super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        """Write it into the log in one go: by the person, or by whoever opened the mailed link."""
        how = "old password" if context.request.user == user else "mailed link"
        with transaction.atomic():
            user.set_password(password)
            user.save(update_fields=["password"])
            sign_in_log.by_person("change password", user, method=how)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link leads to the site's own address where one is set, whatever host the request named."""
        found: str = super().get_reset_password_from_key_url(key)
        return settings.SITE_ADDRESS + urlsplit(found).path if settings.SITE_ADDRESS else found

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        sign_in_log.changed(user, template_prefix)
        super().send_notification_mail(template_prefix, user, context, email or user.email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Hand the mail over after the page was answered: how long that takes would tell which accounts exist."""
        site = get_current_site(self.request)
        post(self.render_mail(template_prefix, email, context | {"current_site": site}))


def post(message: EmailMessage) -> None:
    """Hand a mail about an account over, after the page was answered."""
    POST_OFFICE.submit(_send, message)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except OSError as trouble:  # what a mail server or a full disk answers; SMTPException is one
        # Its class alone: what the server answered may name the address.
        logger.error("A mail about an account wasn't sent: %s", type(trouble).__name__)


def confirmed_lately(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Return the view for people who signed in or confirmed it in the last five minutes; others are asked first.

    The library's own decorator would keep the typed fields in the session meanwhile: here they may hold a name.
    """

    @wraps(view)
    def asked(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if reauthentication.is_reauthentication_required(request, app="releasefirst"):
            way = get_adapter().get_reauthentication_methods(request.user)[0]["url"]
            return redirect(f"{way}?{urlencode({'next': request.path})}")
        return view(request, *args, **kwargs)

    return asked


def ask_again(request: HttpRequest) -> HttpResponse:
    """Answer a form that came in after the session ended: sign in, and the typed fields ride along.

    The fields travel in the page alone; nothing of them is stored on the server or in the browser.
    """
    return _resume_page(request, LoginForm(request=request), target=request.get_full_path())


@login_not_required  # it is the way back in
@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    """Sign in with the carried fields at hand, then offer to send them to where they were going."""
    target = request.POST.get(carried.TARGET, "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return redirect("today")
    if not request.user.is_authenticated:
        answer = _second_step(request, target=target) or _first_step(request, target=target)
        if not request.user.is_authenticated:
            return answer
    page = {"fields": carried.fields(request), "target": target, "must": second_factor.is_missing(request.user)}
    return render(request, "account/resume_send.html", page)


def _first_step(request: HttpRequest, *, target: str) -> HttpResponse:
    """Sign in with the password; return the page that asks again, or for the second factor, or says no."""
    form = LoginForm(request.POST, request=request)
    if not form.is_valid():
        return _resume_page(request, form, target=target)
    answer = form.login(request)
    stage = LoginStageController.enter(request, AuthenticateStage.key)
    if stage is None:  # signed in, or a closed account
        return answer
    return _ask_second(request, CodeForm(user=stage.login.user, prefix=SECOND), target=target)


def _second_step(request: HttpRequest, *, target: str) -> HttpResponse | None:
    """Take the second factor, if that is what was sent and the password was right before."""
    stage = LoginStageController.enter(request, AuthenticateStage.key)
    kind = PasskeyForm if request.POST.get(f"{SECOND}-credential") else CodeForm
    if stage is None or f"{SECOND}-code" not in request.POST:
        return None
    form = kind(user=stage.login.user, data=request.POST, prefix=SECOND)
    if not form.is_valid():
        return _ask_second(request, CodeForm(user=stage.login.user, data=request.POST, prefix=SECOND), target=target)
    form.save()
    return stage.exit()


def _ask_second(request: HttpRequest, form: CodeForm, *, target: str) -> HttpResponse:
    return _resume_page(request, form, target=target, js_data={"request_options": begin_authentication(form.user)})


def _resume_page(request: HttpRequest, form: Form, *, target: str, **more: Any) -> HttpResponse:
    page = {"form": form, "fields": carried.fields(request), "target": target, **more}
    return render(request, "account/resume.html", page, status=401)
