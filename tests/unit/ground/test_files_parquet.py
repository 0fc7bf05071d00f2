"""Parquet files between steps: whatever happens to one on disk is seen when it is read."""

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.files import read_parquet, write_parquet


@pytest.fixture(scope="module")
def people():
    """As many people as a study has, with every type of column that a study has."""
    rng = np.random.default_rng(3)
    n = 159
    frame = pd.DataFrame({f"score_{k}": np.where(rng.random(n) < 0.1, np.nan, rng.normal(30, 7, n)) for k in range(40)})
    frame["participant_id"] = [f"P{k:03d}" for k in range(n)]
    frame["arm"] = pd.Categorical(rng.choice(["c", "i"], n), categories=["c", "i"])
    frame["has_0m"] = rng.random(n) < 0.9
    frame["visit"] = pd.to_datetime("2018-01-01") + pd.to_timedelta(rng.integers(0, 99, n), unit="D")
    return frame


@pytest.fixture
def written(people, tmp_path):
    path = tmp_path / "participants.parquet"
    write_parquet(path, people)
    return path


def test_parquet_comes_back_as_it_was_and_other_programs_read_it(written, people):
    pd.testing.assert_frame_equal(read_parquet(written), people)
    pd.testing.assert_frame_equal(pd.read_parquet(written), people)
    pd.testing.assert_frame_equal(pd.read_parquet(written, page_checksum_verification=True), people)


def test_parquet_same_frame_gives_the_same_bytes(written, people, tmp_path):
    write_parquet(tmp_path / "again.parquet", people)
    assert (tmp_path / "again.parquet").read_bytes() == written.read_bytes()


def test_parquet_frame_without_columns_comes_back(tmp_path):
    write_parquet(tmp_path / "none.parquet", pd.DataFrame())
    assert read_parquet(tmp_path / "none.parquet").shape == (0, 0)


def test_parquet_every_one_of_300_flipped_bits_is_found(written):
    """Anywhere in the file: pages, footer, checksum, marks at both ends."""
    content = written.read_bytes()
    rng = np.random.default_rng(17)
    places = [*rng.integers(0, len(content) * 8, 250), *range(32), *(len(content) * 8 - 1 - np.arange(18))]
    for place in places:
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << (place % 8)
        written.write_bytes(flipped)
        with pytest.raises(DataError) as stopped:
            read_parquet(written)
        assert "participants.parquet: the file is not as it was written" in str(stopped.value), place


def test_parquet_pages_have_the_checksums_that_other_readers_verify(written, people):
    """Without our own checksum of the whole file a changed page is found all the same."""
    chunk = pyarrow.parquet.ParquetFile(written).metadata.row_group(0).column(0)
    content = bytearray(written.read_bytes())
    content[chunk.data_page_offset + chunk.total_compressed_size // 2] ^= 4
    written.write_bytes(content)
    with pytest.raises(OSError, match="CRC checksum"):
        pd.read_parquet(written, page_checksum_verification=True)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.98])
def test_parquet_cut_off_names_the_file_and_what_to_do(written, share):
    content = written.read_bytes()
    written.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DataError) as stopped:
        read_parquet(written)
    assert "participants.parquet" in str(stopped.value)
    assert "cut off" in str(stopped.value)
    assert "cpis run" in str(stopped.value)


def test_parquet_of_another_program_is_not_taken_for_ours(written, people):
    people.to_parquet(written)
    with pytest.raises(DataError, match=r"its checksum does not fit"):
        read_parquet(written)


def test_parquet_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.parquet: there is no such file"):
        read_parquet(tmp_path / "nowhere.parquet")
