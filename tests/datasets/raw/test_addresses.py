import pytest

from credit_pipeline.datasets.raw.addresses import redact, scheme, without_credentials


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://ada:love@host:8080/raw.csv", "https://host:8080/raw.csv"),
        ("https://ada:lo@ve@host/raw.csv", "https://host/raw.csv"),
        ("https://token@host/raw.csv?X-Amz-Signature=love#love", "https://host/raw.csv"),
        ("s3://bucket/a@b.csv", "s3://bucket/a@b.csv"),
        ("data/a@b?c#d.csv", "data/a@b?c#d.csv"),
    ],
)
def test_an_address_is_shown_without_its_secrets(address: str, shown: str) -> None:
    assert redact(address) == shown


def test_every_address_of_a_text_loses_its_credentials() -> None:
    text = "from http://ada:love@one/x to postgresql+psycopg2://b:c@two/y"
    assert without_credentials(text) == "from http://one/x to postgresql+psycopg2://two/y"


def test_a_windows_path_has_no_scheme() -> None:
    assert (scheme("C:/raw.csv"), scheme("HTTPS://host/x")) == ("", "https")
