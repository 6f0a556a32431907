"""Whether redirects led to a page for signing in."""

from __future__ import annotations

import pytest

from linkhaul.decide.login import is_way_to_login

ASKED = "https://shop.example/orders/7"


@pytest.mark.parametrize(
    ("final", "has_password", "is_login"),
    [
        ("https://shop.example/login", True, True),
        ("https://shop.example/en/sign-in", True, True),
        ("https://shop.example/users/sign_in", True, True),
        ("https://shop.example/wp-login.php?redirect_to=x", False, True),
        ("https://shop.example/login?next=%2Forders%2F7", False, True),
        ("https://shop.example/login?p=%2Forders%2F7", False, True),
        ("https://accounts.example/ServiceLogin?continue=x", False, True),
        ("https://login.example/tenant/oauth2/v2.0/authorize?client_id=1", False, True),
        ("https://id.example/saml2/idp/SSO?SAMLRequest=x", False, True),
        ("https://shop.example/login", False, False),  # nothing else says so
        ("https://shop.example/orders/8", True, False),  # a page with a form in its head
        ("https://shop.example/blog/login-pages-considered", True, False),
        ("https://shop.example/?from=/orders/7", False, False),
    ],
)
def test_a_login_page_is_told_by_its_address_and_one_more_sign(final: str, has_password: bool, is_login: bool) -> None:
    """It looks like one by its address, and asks for a password or knows the way back."""
    assert is_way_to_login(ASKED, final, has_password=has_password) is is_login


def test_who_asks_for_the_login_page_gets_it() -> None:
    """A link to a page for signing in that redirects to another is no wall."""
    assert not is_way_to_login("https://shop.example/login", "https://id.example/login?next=x", has_password=True)
