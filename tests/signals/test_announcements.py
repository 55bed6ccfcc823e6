"""Which titles are about auto-deleveraging, insurance funds and liquidation rules, and which are not."""

import pytest

from signals.announcements import is_about_adl


@pytest.mark.parametrize(
    "title",
    [
        "OKX to Optimize the Auto-Deleveraging (ADL) Mechanism",
        "Bybit: Update on ADL mechanism",
        "Updates to Auto Deleveraging for USDT Perpetual Contracts",
        "How autodeleveraging worked on 10 October",
        "Statement on Automatic Deleveraging during extreme volatility",
        "Review of the ADL events of 10-11 October",
        "Binance Futures Updates Its Insurance Fund Rules",
        "New Grouped Insurance Pool Mechanism",
        "OKX security fund report: October",
        "Adjustment to the Liquidation Clearance Fee",
        "Updates to Liquidation Rules of Portfolio Margin",
        "Upgrade of the liquidation engine",
        "Forced liquidation: what we change",
        "关于优化自动减仓机制的公告",
        "關於優化自動減倉(ADL)機制的公告",
        "合约ADL机制调整公告",
        "关于风险准备金的说明",
        "保險基金餘額公告",
        "Bybit 新增分組保險池",
        "欧易关于调整强平规则的公告",
        "强制平仓机制升级",
        "關於調整爆倉規則的公告",
        "关于取消穿仓分摊的公告",
    ],
)
def test_what_is_news_of_ours(title: str):
    assert is_about_adl(title)


@pytest.mark.parametrize(
    "title",
    [
        "Addleton Capital joins OKX Ventures",
        "Saddle Finance (SDL) delisting",
        "OKX to list ADL (Adel) for spot trading",
        "Binance Will List Adel (ADL) with Seed Tag Applied",
        "Bybit Launches ADLUSDT Perpetual Contract with up to 25x leverage",
        "New trading pair: ADL/USDT",
        "欧易关于上线 ADL 现货交易的公告",
        "$ADL airdrop: share 50,000 USDT",
        "Deleverage your portfolio: a beginner's guide to risk",
        "Insurance for your NFT: learn and earn",
        "Health insurance for employees: we fund your ideas",
        "Notice on the liquidation of the SUN estate",
        "Win a share of 100,000 USDT: zero liquidation challenge",
        "Leverage & Margin Tiers Adjustment of USDⓈ-M Perpetual Contracts",
        "Notice of Removal of Spot Trading Pairs - 2026-09-25",
        "OKX to list Virtuals Protocol (VIRTUAL) for spot trading",
        "币安将上线新的永续合约",
        "关于调整杠杆和保证金层级的公告",
        "强势回归：平台新活动",
        "ADLER network upgrade",
        "",
    ],
)
def test_what_is_not(title: str):
    assert not is_about_adl(title)
