# ruff: noqa: RUF001 - words of other languages have letters that look like those of English
"""The words that say what kind of number stands beside them, in the languages that `tongues` tells apart.

In Latin letters a word is given by how it begins, or whole where a beginning would say too much. In other scripts,
where articles and endings are written on to a word or no space parts words, it counts wherever it stands; `_` is a
space there.
"""

from enum import StrEnum


class Said(StrEnum):
    """What kind of number words announce."""

    PHONE = "phone"
    CARD = "card"
    ID = "id"
    OTHER = "other"


BEGINNINGS = {
    Said.PHONE: """
        tel tél phone call mobil móvil movil handy fax whats anruf appel rappel joindre joignable portable llam llám
        celular chiam cellular contact contatt reach erreich durchwahl hotline festnetz smartphone telegram viber
        wechat
        telemó telemov ligue ligar ligaç contat fone bellen bereik arayın arayabil arayınız ulaş cep_tel hattı
        hubung telepon hape ponsel panggil dihubungi landline helpline voicemail kontak
    """,
    Said.CARD: """
        card kart tarjeta carta carte cartão cartao kredit débito debito visa mastercard amex american unionpay rupay
        hipercard maestro diners creditcard betaalkaart betaalpas bankpas
    """,
    Said.ID: """
        passport reisepass passeport pasaport passapor passaport paspor ausweis identi kimlik aadha adhar ssn cédula
        cedula burgerservice rijksregister npwp sécu sozialversicherung rentenversicherung steueridenti vatandaş tckn
        nric cnpj curp
    """,
    Said.OTHER: """
        order invoice account acct ticket track case reference serial isbn issn ean upc gtin sku part item article
        artikel version patent doi pmid arxiv policy booking confirmation customer member license licence batch bestel
        auftrag rechnung kunden vorgang sendung konto aktenzeichen commande facture dossier suivi colis client compte
        contrat vertrag pedido factura cuenta expediente seguimiento referencia ordine fattura conto pratica
        spedizione
        population lott seed timestamp unix epoch nhs siren siret tva iva fatura encomenda rastre código codigo
        protocolo processo lote série serie factuur klantnummer zending versie rekening kenmerk pakket sipariş siparis
        sürüm takip kargo dosya barkod barcode müşteri hesap abone pesanan faktur invoi versi kode transaksi pelanggan
        tagihan imei uuid checksum matrícula matricola catast zähler poliçe polis
    """,
}
"""How words begin."""
WHOLE = {
    Said.PHONE: """
        signal ph cel cell sms text ring dial fon ruf rufen fixe marca wa liga ligo zap ara arama hp nohp telp tlp gsm
        bel mob tfn nomer
    """,
    Said.CARD: "cc cb pan kartu elo troy verve jcb",
    Said.ID: """
        nir nie dni nif nss rg cpf bsn tc nas sin itin nino pps tin cuit cuil rut rfc ahv svnr idnr nik ktp kk cnh
        social
    """,
    Said.OTHER: """
        ref id port zip pin lot lotto loto conta contas cap plz resi po nf hash commit build sha seri
    """,
}
"""Whole words."""
OWN_NUMBER = ("numaram", "nomorku", "numaramız", "nummertje")
"""How words for "my number" begin: a phone number, but for what a word just before them says."""
NOTHING = frozenset(
    [
        "tell",
        "tells",
        "telling",
        "telegraph",
        "television",
        "telescope",
        "telnet",
        "called",
        "calls",
        "calle",
        "calles",
        "callable",
        "callback",
        "mobility",
        "contactless",
        "reached",
        "reaches",
        "partner",
        "party",
        "teletext",
        "calling",
    ]
)
"""Begin like one of the words above and say nothing."""
ELSEWHERE = {
    Said.PHONE: """
        电话 電話 手机 手機 微信 致电 致電 拨打 撥打 联系 聯絡 聯繫 联络 热线 熱線 座机 传真 傳真 我的号码 打给 短信
        客服 號碼是 号码是
        携帯 ケータイ 連絡 ファックス ファクス かけて おかけ フリーダイヤル 内線 携番 デンワ 私の番号
        전화 휴대폰 핸드폰 연락 팩스 제_번호 내_번호 문자 콜센터 카톡 연락처
        फ़ोन फोन फ़ोन मोबाइल कॉल संपर्क सम्पर्क व्हाट्सएप व्हाट्सऐप व्हॉट्सऐप मेरा_नंबर मेरा_नम्बर टेलीफोन दूरभाष
        हेल्पलाइन हमारा_नंबर
        هاتف جوال موبايل محمول اتصل الاتصال للاتصال تليفون تلفون واتس رقمي كلمني فاكس تواصل خلوي نقال هواتف
    """,
    Said.CARD: "银行卡 信用卡 借记卡 卡号 銀行卡 金融卡 カード 카드 कार्ड بطاقة بطاقتي البطاقة فيزا ماستركارد",
    Said.ID: """
        身份证 身分證 身份證 护照 護照 社保 证件 居留 マイナンバー 個人番号 パスポート 旅券 免許 年金 在留 保険証 주민
        여권 면허 외국인등록
        आधार पैन पासपोर्ट पहचान मतदाता هوية هويتي هويته إقامة اقامة إقامتي الإقامة قومي القومي الوطني وطني المدني جواز
        الشخصية
    """,
    Said.OTHER: """
        订单 訂單 单号 單號 快递 物流 运单 版本 发票 發票 编号 編號 序列 验证码 价格 书号 账号 帳號 账户 邮编 批次
        合同 结果 等于 结算 编码 工单 流水 会员 学号
        注文 伝票 追跡 問い合わせ番号 バージョン 請求書 型番 製造 会員 口座 郵便番号 シリアル 予約番号 商品 受付番号
        顧客
        주문 송장 운송장 버전 청구서 계좌 예약 접수 우편번호 일련 상품 고객번호 회원 결과 모델
        ऑर्डर आर्डर चालान संस्करण खाता ट्रैकिंग बिल संदर्भ पिनकोड पीएनआर क्रमांक परिणाम
        طلب الطلب فاتورة الفاتورة إصدار شحنة الشحنة تتبع حساب الحساب مرجع تسلسلي تذكرة الإصدار حجز النتيجة
    """,
}
"""Anywhere in a text, for scripts other than Latin."""
