"""Public ids: a prefix and seventeen places that nobody can guess."""

import re
from collections import Counter

from billing.ids import new_id


def test_an_id_names_its_kind_and_leaves_out_what_looks_alike():
    assert re.fullmatch(r"pay_[0-9A-HJKMNP-TV-Za-km-z]{17}", new_id("pay"))


def test_every_sign_stands_in_every_place_about_as_often():
    ids = [new_id("pay")[4:] for _ in range(5_600)]
    assert len(set(ids)) == len(ids)
    for place in range(17):
        seen = Counter(each[place] for each in ids)
        assert len(seen) == 56
        # 100 of each are expected; six standard deviations are sixty.
        assert all(40 <= count <= 160 for count in seen.values())
