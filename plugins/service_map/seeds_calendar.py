"""The statutory calendar of 2026 and 2027.

2026: the State Council's notice of 4 November 2025 (国务院办公厅关于2026年部分节假日安排的通知), with the weekend days
that are worked instead. 2027: the days that the law itself gives (全国年节及纪念日放假办法, as amended for 2025), with
the lunar feasts by date; how they are joined to weekends is for that year's notice, entered when it is out.
"""

from __future__ import annotations

from saleor_o2o.seeding.context import SeedContext

from .models import CalendarDay
from .services.calendar import BY_LAW, read_notice, write_days

NOTICE_2026 = """
元旦 2026-01-01至2026-01-03 放假
元旦 2026-01-04 上班
春节 2026-02-15至2026-02-23 放假
春节 2026-02-14 上班
春节 2026-02-28 上班
清明节 2026-04-04至2026-04-06 放假
劳动节 2026-05-01至2026-05-05 放假
劳动节 2026-05-09 上班
端午节 2026-06-19至2026-06-21 放假
中秋节 2026-09-25至2026-09-27 放假
国庆节 2026-09-20 上班
国庆节 2026-10-01至2026-10-07 放假
国庆节 2026-10-10 上班
"""
SOURCE_2026 = "国务院办公厅关于2026年部分节假日安排的通知（2025年11月4日）"
LAW_2027 = """
元旦 2027-01-01 放假
春节 2027-02-05至2027-02-08 放假
清明节 2027-04-05 放假
劳动节 2027-05-01至2027-05-02 放假
端午节 2027-06-09 放假
中秋节 2027-09-15 放假
国庆节 2027-10-01至2027-10-03 放假
"""
SOURCE_2027 = f"{BY_LAW}；调休以国务院通知为准，公布后请录入"


def seed(context: SeedContext) -> None:
    """Write both years where nothing is written of them yet: whatever people entered stays."""
    for year, notice, source in ((2026, NOTICE_2026, SOURCE_2026), (2027, LAW_2027, SOURCE_2027)):
        if not CalendarDay.objects.filter(day__year=year).exists():
            context.count("节假日", write_days(read_notice(notice), source=source))
